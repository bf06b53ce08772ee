@echo off
REM x
:: y
if x (call daphne -e tcp:%P% ^
 -e "a\\\"%~dp0%%i!a!") & twistd web --listen=%P:~0,2% > a 2>&1
