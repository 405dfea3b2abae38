hide_version("anaconda3/2023.09-0")
