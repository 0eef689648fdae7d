message(FATAL_ERROR "Penstock included a file of the project around it: it must name its own by their path")
