"""What Bitbucket really sent, replayed against our readers and verifiers. The recordings are not part of this project."""
