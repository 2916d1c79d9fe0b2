heading = الأمان
second-step-added = الخطوة الثانية مفعّلة.
second-step-removed = الخطوة الثانية معطّلة.
