"""What `sim_boxes.py` judges by: countries in which nobody was there first, and two peers."""
