heading = Your { $brand } account
title = Your account
signed-in-as = You are signed in as { $name }.
open = Open your account
what = Other apps can use your account only if you allow it. Sign in to see which ones do, and to stop them.
sign-in = Sign in
