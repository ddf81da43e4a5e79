"""What drives: every driver stands behind the `Policy` protocol of `autonomy.policy.base`."""
