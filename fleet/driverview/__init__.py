"""Looking through a car's cameras: pictures and plan of its driver, for as long as somebody looks, stored nowhere."""
