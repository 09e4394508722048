"""The daily retraining as an Airflow DAG (Airflow 2.9 or later, 3 included).

Each task is one ContentFlow command, so that a task that failed can be run again by itself: all of them go on where they stopped, and
doing one twice changes nothing. Settings (WAREHOUSE_URL, REDIS_URL, MLFLOW_TRACKING_URI, DATA_DIR) come from the worker's environment.
"""

from datetime import datetime, timedelta

try:
    from airflow.providers.standard.operators.bash import BashOperator
    from airflow.sdk import DAG
except ImportError:  # Airflow 2
    from airflow import DAG
    from airflow.operators.bash import BashOperator

MODELS = ["recommender", "engagement", "virality", "churn", "revenue", "creator-revenue", "forecast", "segments", "posting-time"]

# Where ContentFlow is installed on the workers.
COMMAND = "cd ${CONTENTFLOW_HOME:-/app} && node cli/contentflow.mjs"

with DAG(
    dag_id="contentflow_retrain",
    description="Marts checked, features built, all models trained and judged, online store refreshed",
    schedule="0 3 * * *",
    start_date=datetime(2026, 1, 1),
    catchup=False,
    # Two retrainings on one DATA_DIR would get in each other's way.
    max_active_runs=1,
    default_args={"retries": 2, "retry_delay": timedelta(minutes=5)},
    tags=["contentflow"],
) as dag:
    check = BashOperator(task_id="check_marts", bash_command=f"{COMMAND} marts check")
    build = BashOperator(task_id="build_features", bash_command=f"{COMMAND} features build")
    publish = BashOperator(
        task_id="publish_features",
        bash_command=f"{COMMAND} features materialise",
        # A model that fails does not keep fresh features from the service.
        trigger_rule="all_done",
    )
    check >> build
    previous = build
    # One after the other: each uses all cores of a worker.
    for model in MODELS:
        train = BashOperator(
            task_id=f"train_{model.replace('-', '_')}",
            bash_command=f"{COMMAND} train {model} --resume",
            trigger_rule="all_success" if previous is build else "all_done",
        )
        previous >> train
        previous = train
    previous >> publish
