#!/bin/sh
A=$(daphne -e tcp:`x`) && sudo sh -c 'daphne -e "tcp:$P"' <<E 2>&1 # c
x
E
daphne -e ${a:-b}\:$'\x3a' \
 --endpoint="a b" $((1 << 2)) {{ x }} <(y)
