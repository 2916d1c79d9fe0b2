heading = Home
