heading = Ihr Konto bei { $brand }
title = Ihr Konto
signed-in-as = Sie sind als { $name } angemeldet.
open = Konto öffnen
what = Andere Apps können Ihr Konto nur nutzen, wenn Sie es erlauben. Melden Sie sich an, um zu sehen, welche das tun, und um sie zu stoppen.
sign-in = Anmelden
