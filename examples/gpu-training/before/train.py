import cv2
import numpy as np
import pyarrow.parquet as pq
import torch
