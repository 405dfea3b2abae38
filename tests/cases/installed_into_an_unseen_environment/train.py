import numpy as np
import torch
from scipy import stats
