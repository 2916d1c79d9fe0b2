connected = Ihr Gerät ist verbunden
not-connected = Nicht verbunden
goes-on = Gehen Sie zurück zu Ihrem Gerät. { $app } macht dort gleich weiter. Sie können diese Seite schließen.
not-yours = Wenn das nicht Ihr Gerät war, entfernen Sie { $app } jetzt unter „Verbundene Apps“.
denied = Sie haben es nicht erlaubt, deshalb wurde { $app } auf Ihrem Gerät nicht verbunden. Gehen Sie für einen neuen Versuch zum Gerät zurück, oder schließen Sie diese Seite.
see-apps = Verbundene Apps ansehen
