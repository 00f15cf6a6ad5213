"""What a child process gives up before it looks at an untrusted file.

Each wall stands by itself, since machines differ in what they allow: namespaces and Landlock take away network and
files, seccomp the calls that lead out, resource limits memory and time. Bubblewrap, where it works, stands around all.
"""
