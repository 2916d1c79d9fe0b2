heading = Security
second-step-added = The second step is on.
second-step-removed = The second step is off.
upstream-linked = The account is linked. You can sign in with it.
upstream-unlinked = The account is unlinked.
