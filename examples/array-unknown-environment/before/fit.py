import sklearn.linear_model
import yaml
from models import loss
