returning = Returning to { $app }
if-nothing = If nothing happens, use the button.
continue-to = Continue to { $host }
use-the-button = Use the button to go back to the app. Your browser may ask first.
open-app = Open { $app }
on-this-device = You go to { $host }, an app on this device. You can close this page afterwards.
