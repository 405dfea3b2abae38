#!/bin/bash
source do
	conda activate $e
	python ru ||#  | t