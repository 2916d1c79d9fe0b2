heading = اختر حسابًا
to-continue = للمتابعة إلى { $app }
current = مسجّل الدخول
remove = إزالة من هذا المتصفح
another = استخدام حساب آخر
