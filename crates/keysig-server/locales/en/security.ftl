heading = Security
