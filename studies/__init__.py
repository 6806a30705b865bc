"""Studies of the methods on made-up figures; what they found is kept in ``data/methods``.  No report needs them."""
