# What every page has.
skip = تخطَّ إلى المحتوى
test-server = خادم تجريبي.
nothing-is-real = لا شيء هنا حقيقي.
colours = الألوان
theme-system = النظام
theme-light = فاتح
theme-dark = داكن
language = اللغة
page-title = { $heading } – { $brand }
error-title = خطأ: { $heading } – { $brand }
problem = توجد مشكلة
just-now = الآن
when = { $relative }، { $absolute }
on-date = في { $date }
time = { $time } بالتوقيت العالمي
sign-in-with-passkey = تسجيل الدخول بمفتاح مرور
use-passkey = استخدام مفتاح مرور
passkey-unknown = لا نعرف مفتاح المرور هذا. سجّل الدخول بطريقة أخرى، ثم أضفه من صفحة الأمان.
passkey-too-late = استغرق ذلك وقتًا أطول من اللازم. حاول مرة أخرى.
security = الأمان
cancel = إلغاء
back = رجوع

# Pages of the account.
nav = الحساب
nav-account = الحساب
nav-apps = التطبيقات المتصلة
nav-devices = الأجهزة
nav-security = الأمان
nav-profile = الملف الشخصي

# Points in time.
date = { $day } { $month ->
        [1] يناير
        [2] فبراير
        [3] مارس
        [4] أبريل
        [5] مايو
        [6] يونيو
        [7] يوليو
        [8] أغسطس
        [9] سبتمبر
        [10] أكتوبر
        [11] نوفمبر
        *[12] ديسمبر
    } { $year }
minutes-ago = { $n ->
        [zero] قبل { $n } دقيقة
        [one] قبل دقيقة
        [two] قبل دقيقتين
        [few] قبل { $n } دقائق
        [many] قبل { $n } دقيقة
        *[other] قبل { $n } دقيقة
    }
hours-ago = { $n ->
        [zero] قبل { $n } ساعة
        [one] قبل ساعة
        [two] قبل ساعتين
        [few] قبل { $n } ساعات
        [many] قبل { $n } ساعة
        *[other] قبل { $n } ساعة
    }
days-ago = { $n ->
        [zero] قبل { $n } يوم
        [one] قبل يوم
        [two] قبل يومين
        [few] قبل { $n } أيام
        [many] قبل { $n } يومًا
        *[other] قبل { $n } يوم
    }

# Spans of time.
seconds = { $n ->
        [zero] { $n } ثانية
        [one] ثانية
        [two] ثانيتين
        [few] { $n } ثوانٍ
        [many] { $n } ثانية
        *[other] { $n } ثانية
    }
minutes = { $n ->
        [zero] { $n } دقيقة
        [one] دقيقة
        [two] دقيقتين
        [few] { $n } دقائق
        [many] { $n } دقيقة
        *[other] { $n } دقيقة
    }
hours = { $n ->
        [zero] { $n } ساعة
        [one] ساعة
        [two] ساعتين
        [few] { $n } ساعات
        [many] { $n } ساعة
        *[other] { $n } ساعة
    }
days = { $n ->
        [zero] { $n } يوم
        [one] يوم
        [two] يومين
        [few] { $n } أيام
        [many] { $n } يومًا
        *[other] { $n } يوم
    }

# التطبيقات وما يُسمح لها به.
badge-reviewed = تمت مراجعته
badge-not-reviewed = لم تتم مراجعته
badge-your-own = تطبيقك أنت
badge-test = اختبار
can-delete = يمكنه الحذف
new = جديد
app-says = يقول التطبيق:
it-can-see = يمكنه الاطلاع على
it-can-change = يمكنه تغيير
it-can-control = يمكنه التحكم في
not-password = الاطلاع على كلمة مرورك أو بيانات الدفع
footer-help = المساعدة
footer-privacy = الخصوصية
footer-terms = الشروط
