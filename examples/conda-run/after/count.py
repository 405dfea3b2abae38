import pandas, Bio
