"""Who somebody is and what they may do: roles, declared on every route and socket."""
