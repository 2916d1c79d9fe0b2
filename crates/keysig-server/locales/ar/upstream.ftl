# The buttons on the sign-in page.
continue-with = المتابعة عبر { $provider }
problem-declined = لم تسجّل الدخول عبر { $provider }. حاول مرة أخرى أو سجّل الدخول بطريقة أخرى.
problem-down = { $provider } لا يستجيب الآن. حاول بعد دقيقة أو سجّل الدخول بطريقة أخرى.
problem-refused = أرسل { $provider } ردًّا لا يمكننا استخدامه. حاول مرة أخرى أو سجّل الدخول بطريقة أخرى.
problem-stale = استغرق الدخول عبر { $provider } وقتًا طويلًا أو استُخدم من قبل. حاول مرة أخرى.
problem-closed = هذا الحساب مغلق. تواصل مع دعم هذه الخدمة.
problem-too-many = محاولات كثيرة جدًّا. انتظر بضع دقائق أو سجّل الدخول دون { $provider }.

# On the way there.
leaving = المتابعة إلى { $provider }
leaving-hint = إذا لم يحدث شيء فاستخدم الزر.
leaving-button = المتابعة إلى { $host }

# Somebody comes back with an account that belongs to nobody here.
theirs = سجّلت الدخول في { $provider } باسم { $name }.
theirs-both = سجّلت الدخول في { $provider } باسم { $name }، { $email }.
theirs-nameless = سجّلت الدخول في { $provider }.
link-heading = هل تريد ربط { $provider }؟
link-account = سيُربط بهذا الحساب:
link-means = من يستطيع تسجيل الدخول به في { $provider } يستطيع بعدها تسجيل الدخول هنا. يمكنك إلغاء الربط من صفحة الأمان في أي وقت.
link-goes = ستنتقل إلى { $provider } لتسجيل الدخول هناك، ثم تعود وتؤكد.
exists-heading = لديك حساب بالفعل
exists-means = يوجد هنا حساب ببريدك الإلكتروني. سجّل الدخول إليه، ثم يمكنك ربط { $provider }.
no-account-heading = لم يُربط { $provider } بعد
no-account-means = لا يوجد هنا حساب مرتبط به. إذا كان لديك حساب هنا فسجّل الدخول إليه، ثم يمكنك ربط { $provider }.
sign-up-first = ليس لديك حساب هنا بعد؟ أنشئ حسابًا ببريدك الإلكتروني، ثم يمكنك ربط { $provider }.
unconfirmed-means = لا يؤكد { $provider } أن عنوان البريد الإلكتروني لك، لذلك لا يمكن إنشاء حساب جديد به.
sign-up-heading = إنشاء حساب
sign-up-means = يُنشأ هنا حساب جديد تسجّل الدخول إليه عبر { $provider }، دون كلمة مرور جديدة.
display-name = الاسم المعروض
display-name-hint = هذا ما يراه الآخرون.
display-name-error = أدخل اسمًا لا يزيد على 80 حرفًا.
sign-up = إنشاء الحساب
have-account = لديّ حساب هنا
sign-in-to-link = تسجيل الدخول
another-way = تسجيل الدخول بطريقة أخرى
not-now = ليس الآن

# In Security.
section = طرق أخرى لتسجيل الدخول
section-empty = يمكنك تسجيل الدخول بحساب لديك في مكان آخر.
linked-since = رُبط في { $date }.
last-used = آخر استخدام: { $when }.
link = ربط { $provider }
unlink = إلغاء ربط { $provider }
unlink-heading = هل تريد إلغاء ربط { $provider }؟
unlink-means = لن تستطيع بعد ذلك تسجيل الدخول هنا عبر { $provider }. وسيُحذف ما نحتفظ به من { $provider }.
unlink-keeps = يبقى حسابك هنا كما هو، وكذلك حسابك في { $provider }.
keep-it = الإبقاء عليه
not-linked = لم يُربط { $provider }
not-unlinked = لم يُلغَ ربط { $provider }
taken = حسابك في { $provider } مرتبط بحساب آخر هنا. سجّل الدخول إلى ذلك الحساب وألغِ الربط أولًا.
has-one = لقد ربطت حسابًا آخر في { $provider }. ألغِ ربطه أولًا.
last-way = لن تستطيع تسجيل الدخول بعدها، فهذه طريقتك الوحيدة. عيّن كلمة مرور أو أضف مفتاح مرور أولًا.
not-confirmed = لم يتأكد أنك أنت
another-account = سجّلت الدخول في { $provider } بحساب غير الحساب المرتبط بحسابك هنا. حاول مرة أخرى بذلك الحساب.
to-security = العودة إلى الأمان
