heading = Security
second-step-added = The second step is on.
second-step-removed = The second step is off.
