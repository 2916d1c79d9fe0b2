returning = Returning to { $app }
if-nothing = If nothing happens, use the button.
continue-to = Continue to { $host }
