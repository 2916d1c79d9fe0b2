heading = Sicherheit
second-step-added = Der zweite Schritt ist eingeschaltet.
second-step-removed = Der zweite Schritt ist ausgeschaltet.
