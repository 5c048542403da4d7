"""Airflow's side of Social SLA: the only package that imports airflow. Logic lives outside, in plain functions."""
