heading = Abmelden?
asked-by = { $app } möchte Sie in diesem Browser von { $brand } abmelden.
what = Sie werden in diesem Browser abgemeldet. Apps, die nur diese Anmeldung nutzen, werden ebenfalls abgemeldet. Apps, die auch in Ihrer Abwesenheit Zugriff haben dürfen, funktionieren weiter.
stay = Angemeldet bleiben
sign-out = Abmelden
sign-out-all = Von allen Konten in diesem Browser abmelden
