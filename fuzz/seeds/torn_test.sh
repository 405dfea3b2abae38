#!/bin/bash
conda activate myenv 
[[n;$m