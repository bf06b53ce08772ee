{ a.b = "${x}/bin/daphne -e tcp:1 \" "; # c
 c = ''
 daphne -e ''${x} '''
''; /* d */ }
