connected = Your device is connected
not-connected = Not connected
goes-on = Go back to your device. { $app } goes on there in a moment. You can close this page.
not-yours = If this was not your device, remove { $app } in Connected apps now.
denied = You did not allow it, so { $app } was not connected on your device. Go back to the device to try again, or close this page.
see-apps = See connected apps
