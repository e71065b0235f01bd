package link

import "flag"

var long = flag.Bool("long", false, "run slow tests")
