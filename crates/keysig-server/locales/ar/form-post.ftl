returning = العودة إلى { $app }
if-nothing = إذا لم يحدث شيء، فاستخدم الزر.
continue-to = متابعة إلى { $host }
