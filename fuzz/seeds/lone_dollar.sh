#!/bin/bash
export PATH=/x/Þ’–‘iconda3/lib:$
export PATH='/x/minxport PATH='ÿÿÿÿÿÿÚonda3/bi/"mitest_command:$"niconda3/bin:'$PATH
connda activate 'a'"b"$'c''
pip install
