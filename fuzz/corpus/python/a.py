from x import serverFromString as s
D = f"tcp:{p}" 'a' % 1
def f(e=("tcp:" + str(1))):
  s(r, D) or clientFromString(r, description=e if x else '''tcp:
''')
  x = [s(r, y) for y in ('a', b'b\x3a')]
