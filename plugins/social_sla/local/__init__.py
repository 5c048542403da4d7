"""The demonstration on one machine: sandbox, Airflow and the DAGs behind `make run`, `make up` and `make down`."""
