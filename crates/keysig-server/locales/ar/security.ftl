heading = الأمان
