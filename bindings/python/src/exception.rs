//! Imports the exception `ParseError`, which is defined in Python.

pyo3::import_exception!(strports._model, ParseError);
