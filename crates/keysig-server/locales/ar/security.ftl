heading = الأمان
second-step-added = الخطوة الثانية مفعّلة.
second-step-removed = الخطوة الثانية معطّلة.
upstream-linked = رُبط الحساب. يمكنك تسجيل الدخول به.
upstream-unlinked = أُلغي ربط الحساب.
