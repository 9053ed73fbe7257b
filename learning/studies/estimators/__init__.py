"""Networks as scikit-learn knows its estimators."""
