#!/bin/bash
conda activate x; conda update y; conda env list && date
