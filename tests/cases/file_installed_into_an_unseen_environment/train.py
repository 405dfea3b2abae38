import torch
from scipy import stats
