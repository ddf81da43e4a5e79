"""The network: camera pictures and an instruction in, trajectories out. torch is imported here and where it is hosted
or trained, nowhere else."""
