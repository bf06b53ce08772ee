<# x #>
$env:A = "y"; & "daphne.exe" `
 -e 'tcp:1' -e "tcp:$a`:`"${b}" > l # c
twistd web --listen=tcp:$(f (g)) | x; @"
a
"@
