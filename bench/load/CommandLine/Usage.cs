namespace Grid.Bench.Load.CommandLine;

internal static class Usage
{
    public const string Text =
        """
        Load for Grid. Sends to this machine, or to a host that you run (--i-own-this-host).

          run (the default)     one scenario against a running server
            --url URL           http://127.0.0.1:8080
            --scenario NAME     display | scan | scan-batch | results | mixed | get
            --duration 10s      the measured window          --warmup 2s     load before it
            --connections 64    closed loop: each asks again when it is answered
            --rate 5000         open loop: requests a second, latency from the intended send time;
                                a ramp is 0s:500,10s:5000    --arrivals even | poisson
            --backlog 20000     requests of an open loop that may wait for a connection
            --threads 1         --timeout 5s   --seed 1
            --data FOLDER       the gateway's data folder: mints tokens, lists the demo's residents
            --residents 100000  how many take part           --residents-file FILE   ids, one a line
            --zipf 0.99         how unevenly they come; 0 is evenly
            --codes 5000        residents whose codes are scanned    --venues 50     --batch 100
            --tubes 20000       tubes for results            --tube-size 20
            --mix display=60,scan=39,result=1
            --gateway DLL       Grid.Gateway.dll; else the one built in this repository
            --path /            of scenario get
            --server-pid PID    accounts that process's CPU time (and its children's) to the server
            --csv FILE  --json FILE  --quiet
            --max-error-rate 0.001   exit code 1 above it

          compare               ceiling, Grid and baselines in turn, started and ended by this tool
            --scenario display,scan    of display, scan, scan-batch, results
            --contenders ceiling,grid,postgres    and cluster (a gateway and a silo), sqlite,
                                redis; postgres and redis are private servers
            --orleans DLL       and Grid on Orleans: Grid.Gateway.dll built with -p:GridEngine=Orleans
            --grid-store folder                   or postgres: the grid's state in a private cluster of its own
            --rounds 3  --duration 5s  --warmup 2s  --connections N  --threads 1
            --client grid | wrk        --scratch FOLDER    for databases and logs, removed afterwards
            --json FILE  --markdown FILE  --baselines DLL, and the residents' options of run; without
                                --data a demo city is made first

          capacity              how much a cluster holds, and what it needs to hold a city: docs/capacity.md
            --silos 1,2,4       clusters started and ended by this tool, each of so many silos and a gateway;
                                0 is a gateway that hosts the grains     --silo DLL
            --files 16          of each data folder: a writer and commits of its own for each
            --url URL           a cluster that runs, with --data FOLDER for its keys
            --scenario NAME     mixed | mass-test | checkpoint: the highest rate is searched for
                                surge | join | kill | freeze | overload: played once, beside the targets
            --p99 200ms  --max-error-rate 0.001    the bounds of a rate that holds
            --rounds 3  --settle 1s  --window 2.5s  --warmup 8s  --connections 1024
            --mix display=60,scan=34,batch=1,sampling=5   --residents 100000  --venues 50  --zipf 0.99
            --slice CORES       of each silo, else chosen by calibration     --no-slices  --no-fill
            --rate 8000         requests a second at the top of a played scenario
            --replays 60000     acknowledged scans asked for again at the end
            --city-residents 12950000  --city-rate 40000  --headroom 0.3  --silo-cores 4  --silo-memory-gb 8
            --gateway-cores 4  --resident-bytes 600  --database-rows 20000     the city to be sized
            --html capacity.html  --json FILE  --scratch FOLDER  --quiet
                                exit code 1 when something acknowledged is lost

          city                  a whole city in one process: made, brought into memory, asked
            --residents 12950000  --rate 2000   displays a second while it is brought into memory
            --data FOLDER       one that has it already; else made in --scratch and removed, unless --keep
            --phones 100000  --duration 5s  --load-max 15m  --json FILE

          cold                  every resident displayed once by a gateway that has none in memory:
                                residents a second, and bytes of the process for each
            --residents 100000  --rounds 3  --connections 64  --orleans DLL  --gateway DLL
            --scratch FOLDER    --markdown FILE  --quiet

          ceiling --urls URL    a bare Kestrel that answers 60 bytes

        """;
}
