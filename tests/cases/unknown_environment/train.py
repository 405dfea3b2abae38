import os

import numpy as np
import yaml
from sklearn.svm import SVC
