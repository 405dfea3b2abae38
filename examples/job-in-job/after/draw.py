import cartopy, matplotlib
