//! The exception, which is a class of the package in Python.

pyo3::import_exception!(strports._model, ParseError);
