"""Reading the exports of other chat programs, one conversation after the other, in a child process of its own.

``child`` is the process; ``file`` opens what was uploaded, ``stream`` builds one conversation at a time within bounds,
and one module a program knows that program's shape. What comes out is ``shape``, checked by ``tree``.
"""
