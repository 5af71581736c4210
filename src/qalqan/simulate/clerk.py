"""wip"""


async def work_through(world, bank, centre, now):
    return 0
