{
  "require": ["ts-node/register/transpile-only"],
  "timeout": 60000
}
